// On a narrow screen the navigation scrolls sideways: bring the entry where one is into view.

export function showPlace() {
  for (const place of document.querySelectorAll(".places [aria-current], .sub-places [aria-current]")) {
    const row = place.parentElement;
    row.scrollLeft = place.offsetLeft - row.offsetLeft - (row.clientWidth - place.offsetWidth) / 2;
  }
}
