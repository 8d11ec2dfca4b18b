// A press that begins on a list ends on it: renewed in between, the list would swallow the click.

const LONGEST_MS = 2000; // a press whose end is never seen must not hold up the list

let pressedAt = null;
let held = false;

const isPressed = () => pressedAt !== null && performance.now() - pressedAt < LONGEST_MS;

function release() {
  pressedAt = null;
  if (!held) return;
  held = false;
  window.htmx.trigger(document.body, "refresh");
}

export function startPresses() {
  addEventListener("pointerdown", () => (pressedAt = performance.now()), true);
  for (const end of ["pointerup", "pointercancel"]) {
    // After the click that belongs to the press.
    addEventListener(end, () => setTimeout(release), true);
  }
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "live" || !isPressed()) return;
    event.detail.shouldSwap = false;
    held = true;
    setTimeout(release, LONGEST_MS);
  });
}
