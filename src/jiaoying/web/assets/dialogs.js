// A card opens beside the board, so that a refresh of the board never wipes what somebody is typing.

const sheet = () => document.getElementById("sheet");

export function startDialogs() {
  const dialog = sheet();
  if (!dialog) return;
  // After settling: only then do the card's own buttons work.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== dialog) return;
    if (dialog.childElementCount === 0) dialog.close();
    else if (!dialog.open) dialog.showModal();
  });
  dialog.addEventListener("click", (event) => {
    const outside = event.target === dialog;
    if (outside || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("close", () => dialog.replaceChildren());
}
