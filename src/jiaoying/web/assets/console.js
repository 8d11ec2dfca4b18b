import "./htmx_global.js";
import "htmx-ext-sse";
import { startClocks } from "./clocks.js";
import { keepOpen } from "./details.js";
import { startDialogs } from "./dialogs.js";
import { startLiveness } from "./liveness.js";

startClocks();
startDialogs();
keepOpen();
startLiveness();
