<?php
// A page behind phpCAS, unmodified, on PHP's own web server: who came, and by which query.
// It knows the certificate of the CAS server, which is reached over https.
require_once 'CAS.php';

$cas = parse_url(getenv('CAS_URL'));
phpCAS::client(CAS_VERSION_3_0, $cas['host'], $cas['port'], $cas['path'], getenv('SERVICE_BASE'));
phpCAS::setCasServerCACert(getenv('CAS_CERTIFICATE'));
phpCAS::handleLogoutRequests(false);
phpCAS::forceAuthentication();

header('Content-Type: application/json');
echo json_encode(array(
    'user' => phpCAS::getUser(),
    'attributes' => phpCAS::getAttributes(),
    'query' => isset($_SERVER['QUERY_STRING']) ? $_SERVER['QUERY_STRING'] : '',
));
