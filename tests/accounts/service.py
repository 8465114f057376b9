"""A sign-in service on loopback: discovery, keys, and a token endpoint that checks the code and its verifier."""

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "consilium", "a secret of the client"


class Service:
    """What the service knows, and how it can go wrong."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.published = [self.key]
        self.codes = {}
        self.issuer = ""
        self.discovery = {}
        self.algorithm = "RS256"
        self.asked = []
        self.now = 0

    def issue(self, address, **claims):
        """Sign somebody in who was sent to ``address``; return the query with which the browser comes back."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        base = {"iss": self.issuer, "aud": CLIENT, "iat": self.now, "exp": self.now + 300, "nonce": sent["nonce"]}
        token = {name: value for name, value in {**base, "sub": "subject-1", **claims}.items() if value is not None}
        self.codes[code] = (sent["code_challenge"], sent["redirect_uri"], token)
        return {"code": code, "state": sent["state"]}

    def renew_key(self, key=None):
        """Sign by another key from now on, published like the first."""
        self.key = key or RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
        self.published = [self.key]

    def configuration(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.discovery,
        }

    def token(self, form, authorization):
        """Answer the exchange of a code, once, for whoever shows the secret and the verifier."""
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "+").encode()).decode()
        plain = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge, back, claims = self.codes.pop(form.get("code", ""), ("", "", None))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if authorization not in {expected, plain} or made != challenge or back != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        signed = jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, self.key, algorithms=[self.algorithm])
        return 200, {"access_token": "not used", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


def ec_key():
    return ECKey.generate_key("P-256", {"kid": "three", "use": "sig"})


@contextmanager
def running():
    """Serve on a free port of this machine."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            service.asked.append(self.path)
            answers = {
                "/.well-known/openid-configuration": service.configuration,
                "/keys": lambda: {"keys": [key.as_dict(private=False) for key in service.published]},
            }
            made = answers.get(self.path)
            self.send(200 if made else 404, made() if made else {})

        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            service.asked.append(self.path)
            self.send(*service.token(form, self.headers.get("Authorization", "")))

        def send(self, status, body):
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    service.issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
