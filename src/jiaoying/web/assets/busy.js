// A form that takes its time says so, and is not sent twice.

function tell(form, busy) {
  const notice = form.querySelector("[data-busy]");
  if (!notice) return;
  notice.hidden = !busy;
  for (const button of form.querySelectorAll("button")) button.disabled = busy;
}

export function startBusyForms() {
  document.addEventListener("submit", (event) => tell(event.target, true));
  // Whoever comes back finds the page as it was left.
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => tell(form, false)));
}
