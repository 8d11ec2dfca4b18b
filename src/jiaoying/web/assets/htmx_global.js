import htmx from "htmx.org";

// What a fragment may do is ours to say: no evaluated text, no styles of its own, nothing kept on a shared machine.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  timeout: 15000,
  // What was swapped in works at once: for as long as it settles, a click on it would follow the bare link.
  defaultSettleDelay: 0,
  // A refusal (4xx) brings a sentence for the reader: it is shown where the answer would have been.
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});
window.htmx = htmx;
