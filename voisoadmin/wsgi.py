import os

from django.core.wsgi import get_wsgi_application

from voisoadmin.lib.data_folder import make_data_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voisoadmin.settings")
make_data_folder()
application = get_wsgi_application()
