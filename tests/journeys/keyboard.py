"""A hand that only has a keyboard: it tabs until something of that name has the focus."""

from playwright import sync_api

NAME = """() => {
  const one = document.activeElement;
  const label = one.labels && one.labels.length ? one.labels[0].textContent : "";
  return (label || one.getAttribute("aria-label") || one.textContent || one.id || "").replace(/\\s+/g, " ").trim();
}"""


class Keyboard:
    """The keyboard before a page."""

    def __init__(self, page):
        self.page = page

    def to(self, name, most=120):
        """Tab to what is called so, or starts so."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(NAME).startswith(name):
                return
        raise AssertionError(f"the keyboard does not reach {name!r}")

    def press(self, name):
        """Press a button, follow a link, open a summary."""
        self.to(name)
        self.page.keyboard.press("Enter")

    def write(self, name, text):
        """Fill in a field."""
        self.to(name)
        self.page.keyboard.type(text)

    def choose_file(self, name, path):
        """Choose a file; the dialog is the system's own. A browser short of time may miss a key: press again."""
        self.to(name)
        for key in ("Enter", "Space", "Enter"):
            try:
                with self.page.expect_file_chooser(timeout=10_000) as waiting:
                    self.page.keyboard.press(key)
            except sync_api.TimeoutError:
                continue
            waiting.value.set_files(path)
            return
        raise AssertionError(f"{name!r} opens no dialog")
