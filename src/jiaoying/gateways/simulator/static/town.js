// The live part of a page is drawn by the server; this asks for it again and passes on what is pressed.
"use strict";

const live = document.getElementById("live");
const trouble = document.getElementById("trouble");

function showTrouble(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

function scrollDown() {
  for (const part of document.querySelectorAll("[data-scroll]")) part.scrollTop = part.scrollHeight;
}

async function refresh() {
  const query = new URLSearchParams({ since: live.dataset.revision });
  if (live.dataset.search) query.set("search", live.dataset.search);
  const answer = await fetch(`${live.dataset.live}?${query}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const state = await answer.json();
  for (const clock of document.querySelectorAll("#clock, #own-clock")) clock.textContent = state.clock;
  live.dataset.revision = state.revision;
  if (state.html === null) return;
  live.innerHTML = state.html;
  scrollDown();
}

async function order(method, address, body) {
  const answer = await fetch(address, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  showTrouble(answer.ok ? "" : said.error);
  await refresh();
  return answer.ok;
}

async function follow() {
  try {
    await refresh();
  } catch (problem) {
    showTrouble(String(problem));
    return setTimeout(follow, 5000);
  }
  setTimeout(follow, document.hidden ? 5000 : 1000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-post]");
  if (button) order("POST", button.dataset.post, JSON.parse(button.dataset.body || "{}"));
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.send) {
    event.preventDefault();
    const field = form.elements.body;
    if (field.value && (await order("POST", form.dataset.send, { body: field.value }))) field.value = "";
  } else if ("open" in form.dataset) {
    event.preventDefault();
    const number = form.elements.number.value.replace(/[^0-9+]/g, "");
    if (number) location.href = `/phones/${encodeURIComponent(number)}`;
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-habit]");
  if (form && event.target.value) order("PUT", form.dataset.habit, { habit: event.target.value });
});

if (live) {
  scrollDown();
  follow();
}
