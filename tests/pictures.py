"""Make the pictures of README and user guide from the demonstration: `python tests/pictures.py [folder]`."""

import sys
import tempfile
from pathlib import Path

from browsing import chromium, demonstration, open_page, sign_in

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "user" / "pictures"
PICTURES = {
    "home": ("demo-officer", "/desk/"),
    "dashboard": ("demo-officer", "/desk/dashboard/"),
    "import": ("demo-officer", "/sheets/"),
    "coverage": ("demo-officer", "/targets/"),
    "gaps": ("demo-officer", "/targets/gaps/"),
    "organisations": ("demo-officer", "/registry/organisations/"),
    "coordinators": ("demo-officer", "/registry/coordinators/"),
    "spread": ("demo-officer", "/targets/spread/"),
    "reports": ("demo-officer", "/targets/reports/"),
    "township-home": ("demo-township", "/desk/"),
    "township-gaps": ("demo-township", "/targets/gaps/"),
    "coordinator-home": ("demo-coordinator", "/desk/"),
    "sign-in": ("", "/account/login/"),
    "public": ("", "/"),
    "verify": ("", "/verify/"),
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, demonstration(Path(place) / "var") as address, chromium() as browser:
        for user in sorted({user for user, _ in PICTURES.values()}):
            page = open_page(browser, address)
            if user:
                sign_in(page, user)
            for name, (wanted, path) in PICTURES.items():
                if wanted == user:
                    page.goto(path, wait_until="networkidle")
                    page.screenshot(path=folder / f"{name}.png")
            page.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
