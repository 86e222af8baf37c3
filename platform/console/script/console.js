// What makes the screens quicker to use. Everything works without it.
import "./screen/sending.js";
import "./screen/menu.js";
import "./screen/counters.js";
import "./screen/lines.js";
import "./screen/focal.js";
import "./screen/receipt.js";
import "./screen/kept.js";
import "./screen/told.js";
import "./screen/keys.js";
import "./screen/looks.js";
// Before the forms forget what was sent.
import "./screen/fresh.js";
import "./screen/guarded.js";
import "./screen/forms.js";
import "./screen/mended.js";
import "./screen/ticks.js";
import "./screen/library.js";
import "./screen/tree.js";
import "./screen/framed.js";
import "./screen/annotating.js";
import "./screen/usernames.js";
import "./screen/copying.js";
import "./screen/pictures.js";
import "./screen/passkey.js";
