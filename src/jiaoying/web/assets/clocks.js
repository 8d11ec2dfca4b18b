// Clocks that run between two refreshes, in business time: every page and fragment brings the server's
// moment (data-now, milliseconds) and how fast it runs (data-rate).

const LONGEST_BACK_MS = 60000;

let anchor = { server: 0, local: performance.now(), rate: 1 };

function readAnchor() {
  const newest = [...document.querySelectorAll("[data-now]")].reduce(
    (best, element) => Math.max(best, Number(element.dataset.now)),
    0,
  );
  // A part that was drawn a moment ago must not turn the clocks back.
  const ahead = newest - businessNow();
  if (newest && newest !== anchor.server && (ahead > 0 || ahead < -LONGEST_BACK_MS)) {
    anchor = { server: newest, local: performance.now(), rate: Number(document.body.dataset.rate) || 1 };
  }
}

function businessNow() {
  return anchor.server + (performance.now() - anchor.local) * anchor.rate;
}

function twoDigits(number) {
  return String(number).padStart(2, "0");
}

function asClock(seconds) {
  const hours = Math.floor(seconds / 3600);
  const rest = `${twoDigits(Math.floor((seconds % 3600) / 60))}:${twoDigits(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

function tick() {
  const now = businessNow();
  for (const element of document.querySelectorAll("[data-until]")) {
    const left = Math.trunc((Number(element.dataset.until) - now) / 1000);
    element.textContent = (left < 0 ? "+" : "") + asClock(Math.abs(left));
    element.classList.toggle("overdue", left < 0);
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    const gone = Math.max(0, Math.trunc((now - Number(element.dataset.since)) / 1000));
    element.textContent = asClock(gone);
  }
  for (const element of document.querySelectorAll("[data-wall]")) {
    element.textContent = new Intl.DateTimeFormat("sv-SE", {
      timeZone: element.dataset.wall,
      timeStyle: "medium",
    }).format(new Date(now));
  }
}

export function startClocks() {
  readAnchor();
  tick();
  setInterval(tick, 1000);
  document.body.addEventListener("htmx:load", () => {
    readAnchor();
    tick();
  });
}
