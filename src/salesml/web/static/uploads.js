// The upload form: refuses a file that is too large before it is sent, and shows how much of it is sent.

const form = document.querySelector("form[data-upload]");
const file = form.elements.namedItem("file");
const progress = document.getElementById("upload-progress");

file.addEventListener("change", () => {
  const tooLarge = [...file.files].some((each) => each.size > Number(file.dataset.maxBytes));
  file.setCustomValidity(tooLarge ? file.dataset.tooLarge : "");
  file.reportValidity();
});

form.addEventListener("htmx:beforeRequest", () => {
  progress.hidden = false;
  progress.value = 0;
});
form.addEventListener("htmx:xhr:progress", (event) => {
  if (event.detail.lengthComputable) progress.value = (100 * event.detail.loaded) / event.detail.total;
});
form.addEventListener("htmx:afterRequest", () => {
  progress.hidden = true;
  form.querySelector("[aria-invalid=true]")?.focus();
});
