// What may be done with a warning changes with its state: the buttons are fetched again when the board says so.

export function keepActions() {
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "live") return;
    const state = document.querySelector("#live [data-state]")?.dataset.state;
    const actions = document.getElementById("actions");
    if (state && actions && actions.dataset.state !== state) htmx.trigger(actions, "stale");
  });
}
