"""BaseLinker (Base): the order manager's exports to CSV.

Whoever exports chooses the columns and their headers, so several names of each are known: those of the Polish
and the English panel, and those of https://api.baselinker.com/index.php?method=getOrders. Files are often
separated by semicolons, with decimal commas. There is no customer id that holds across marketplaces: an
order belongs to whoever has its e-mail address, else its login. Statuses are named by the user; words of
cancelling, of failing and of waiting for money are understood, any other one is a sale.
"""

from salesml.core.imports import ImportKind
from salesml.data.profiles.base import Profile

_FIELDS = {
    "order_id": (
        "Numer zamówienia",
        "Nr zamówienia",
        "ID zamówienia",
        "Order number",
        "Order ID",
        "order_id",
    ),
    "client_id": ("E-mail", "Adres e-mail", "E-mail klienta", "email"),
    "fallback_id": ("Login", "Login klienta", "Nick", "Client login", "user_login"),
    "ordered_at": (
        "Data złożenia",
        "Data zamówienia",
        "Data dodania",
        "Data potwierdzenia",
        "Date added",
        "Order date",
        "date_add",
        "date_confirmed",
    ),
    "amount": (
        "Wartość zamówienia",
        "Kwota zamówienia",
        "Łączna kwota",
        "Suma",
        "Kwota",
        "Do zapłaty",
        "Order value",
        "Total price",
    ),
    "currency": ("Waluta", "Currency"),
    "status": ("Status", "Status zamówienia", "Order status"),
    "shipping": ("Koszt wysyłki", "Koszt dostawy", "Cena wysyłki", "Delivery cost", "delivery_price"),
}
ORDERS = Profile(
    name="baselinker-orders",
    title="BaseLinker orders",
    kind=ImportKind.ORDERS,
    needs=("order_id", "ordered_at", "amount", "status", "client_id", "shipping"),
    fields=_FIELDS,
    note="clients are known by their e-mail address, else by their login",
)
