import sys

import httpx

url, email, password = sys.argv[1:]
api = httpx.Client(base_url=f"{url}/api/v1", timeout=30)
token = api.post("/auth/token", data={"username": email, "password": password}).json()["access_token"]
api.headers["Authorization"] = f"Bearer {token}"
client = api.post("/clients", json={"external_id": "E-7", "first_name": "Ewa"}).raise_for_status().json()
order = {"client_id": "E-7", "ordered_at": "2026-10-15T18:05", "amount": 149.9, "currency": "PLN"}
api.post("/orders", json=[{**order, "order_id": f"2026/{n}"} for n in (1, 2, 3)]).raise_for_status()
print(api.post(f"/clients/{client['id']}/predictions").raise_for_status().json())
