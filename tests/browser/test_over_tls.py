"""The pages over TLS, with a certificate made for the test, behind a proxy as in real use."""

import datetime
import http.client
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.served import Served, Site
from tests.support.slow_clients import HOST

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("web server")]

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "certificate.pem"
    file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def proxy_to(port: int) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            with closing(http.client.HTTPConnection(HOST, port, timeout=120)) as server:
                server.request(self.command, self.path, body, {**headers, "X-Forwarded-Proto": "https"})
                answer = server.getresponse()
                content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = forward

        def log_message(self, *args: object) -> None:
            return

    return Proxy


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[Served]:
    env = {"VOISOADMIN_HTTPS": "true", "VOISOADMIN_TRUST_PROXY": "true"}
    with Site(tmp_path_factory.mktemp("site"), env=env).served() as served:
        yield served


@pytest.fixture
def address(site, tmp_path) -> Iterator[str]:
    server = ThreadingHTTPServer((HOST, 0), proxy_to(site.port))
    server.socket = self_signed(tmp_path).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://{HOST}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser: Browser, address) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=address, ignore_https_errors=True)
    context.set_default_timeout(60_000)
    yield context
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill("ines")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def test_a_page_still_works_after_signing_in_again_in_another_tab(context):
    first, second = context.new_page(), context.new_page()
    sign_in(first)
    old = token_of(context)
    context.clear_cookies(name="__Host-sessionid")
    sign_in(second)
    assert token_of(context) != old

    with first.expect_response("**/theme/") as form:
        first.locator("form[action='/theme/'] button[value=dark]").first.evaluate("button => button.click()")
    first.wait_for_load_state()
    again = context.new_page()
    context.clear_cookies(name="__Host-sessionid")
    sign_in(again)
    with first.expect_response("**/theme/") as by_htmx:
        first.evaluate("htmx.ajax('POST', '/theme/', {swap: 'none', values: {theme: 'light'}})")

    assert form.value.status == 302
    assert by_htmx.value.status == 302


def token_of(context: BrowserContext) -> str:
    return next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "__Host-csrftoken")


def test_cookies_are_bound_to_this_host_and_answers_to_https(context):
    page = context.new_page()
    sign_in(page)

    ours = {cookie["name"]: cookie for cookie in context.cookies() if "known" not in cookie["name"]}

    assert set(ours) == {"__Host-sessionid", "__Host-csrftoken"}
    assert all(cookie["secure"] and cookie["path"] == "/" for cookie in ours.values())
    headers = page.goto("/").all_headers()
    assert "preload" not in headers["strict-transport-security"]


def test_strangers_get_no_list_of_files(context):
    page = context.new_page()
    listed = ["/static/staticfiles.json", "/static/vendor/VENDORED.md", "/static/", "/static/vendor/"]

    assert {name: page.request.get(name).status for name in listed} == dict.fromkeys(listed, 404)


def test_files_that_everyone_may_read_are_cached(context):
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))

    page.goto("/sign-in/", wait_until="networkidle")

    files = [answer for answer in answers if "/static/" in answer.url]
    assert files
    assert all("public" in answer.header_value("cache-control") for answer in files)
