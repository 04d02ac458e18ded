"""The addresses of the CAS protocol; a client is given `…/cas/` as its server."""

from django.urls import path

from sso.protocol import back_channel as validation
from sso.protocol import login, logout
from sso.protocol.saml import views as saml

app_name = "sso"

urlpatterns = [
    path("login", login.login, name="login"),
    path("logout", logout.logout, name="logout"),
    path("validate", validation.validate_v1, name="validate"),
    path("serviceValidate", validation.service_validate, name="service_validate"),
    path("proxyValidate", validation.proxy_validate, name="proxy_validate"),
    path("p3/serviceValidate", validation.service_validate, name="p3_service_validate"),
    path("p3/proxyValidate", validation.proxy_validate, name="p3_proxy_validate"),
    path("samlValidate", saml.saml_validate, name="saml_validate"),
    path("proxy", validation.proxy, name="proxy"),
]
