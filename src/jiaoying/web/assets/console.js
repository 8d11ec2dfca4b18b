import "./htmx_global.js";
import "htmx-ext-sse";
import { keepActions } from "./actions.js";
import { startBusyForms } from "./busy.js";
import { startClocks } from "./clocks.js";
import { keepOpen } from "./details.js";
import { startDialogs } from "./dialogs.js";
import { startLiveness } from "./liveness.js";
import { showPlace } from "./places.js";
import { startPresses } from "./presses.js";

showPlace();
startBusyForms();
startClocks();
startDialogs();
keepOpen();
keepActions();
startLiveness();
startPresses();
