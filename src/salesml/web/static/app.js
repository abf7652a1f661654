// Behaviour that HTML has no words for yet, by data attributes on elements that the server renders.

const byId = (id) => document.getElementById(id);

const actions = {
  opens: (button) => byId(button.dataset.opens).showModal(),
  closes: (button) => byId(button.dataset.closes).close(),
  dismiss: (button) => button.closest("[data-note]").remove(),
  reveals: reveal,
  copies: copy,
  themeToggle: toggleTheme,
};

document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close(); // a click on the backdrop
  for (const [name, act] of Object.entries(actions)) {
    const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const element = event.target.closest(`[${attribute}]`);
    if (element) return act(element);
  }
});

// A select or checkbox that sends its form at once.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-submits]")) event.target.form.requestSubmit();
});

// An open choice closes when something else is clicked, something in it was chosen, or by Escape.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details[data-choice][open]")) {
    if (!open.contains(event.target) || event.target.closest("a")) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector("details[data-choice][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// A form is sent once: a second click while the answer is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) return event.preventDefault();
  if (form.method === "post" && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], [data-hx-post]")) {
    form.dataset.sent = "yes";
    event.submitter?.classList.add("is-busy");
  }
});

// A page that comes back from the browser's memory takes clicks again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
});

document.querySelector("[data-focus], [aria-invalid=true]")?.focus();

for (const event of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(event, () => notice(byId("notices").dataset.failed));
}

function notice(text) {
  const box = byId("notices");
  const note = document.createElement("div");
  note.className = "note note-bad";
  note.dataset.note = "";
  const line = document.createElement("p");
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", box.dataset.close);
  close.textContent = "×";
  note.append(line, close);
  box.replaceChildren(note);
}

function reveal(button) {
  const input = byId(button.dataset.reveals);
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
}

async function copy(button) {
  await navigator.clipboard.writeText(byId(button.dataset.copies).textContent);
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 2000);
}

function toggleTheme() {
  const root = document.documentElement;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.bsTheme);
  } catch {
    // Storage is switched off in this browser: the choice lasts for this page.
  }
}
