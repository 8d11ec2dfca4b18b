// Says so when what is shown may be old: the stream broke, or a fragment could not be fetched.

const failing = new Set();

function show(reason, broken) {
  if (broken) failing.add(reason);
  else failing.delete(reason);
  const notice = document.getElementById("connection-lost");
  if (notice) notice.hidden = failing.size === 0;
}

export function startLiveness() {
  const body = document.body;
  body.addEventListener("htmx:sseError", () => show("stream", true));
  body.addEventListener("htmx:sseOpen", () => show("stream", false));
  for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    body.addEventListener(trouble, () => show("fetch", true));
  }
  body.addEventListener("htmx:afterSwap", () => show("fetch", false));
}
