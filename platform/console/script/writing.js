// The screen on which a resource is written. The form works without any of it.
import "./writing/drawn.js";
import "./writing/kind.js";
import "./writing/openness.js";
import "./writing/editor.js";
import "./writing/files.js";
import "./writing/references.js";
import "./writing/autosave.js";
import "./writing/lock.js";
import "./writing/check.js";
import "./writing/shown.js";
