// What every page of the workspace runs. Each module listens on the document, so that parts swapped in by htmx need no second start.
import "./frame.js";
import "./listing.js";
import "./tables.js";
import "./forms.js";
import "./identifiers.js";
import "./dates.js";
import "./drafts.js";
import "./session.js";
import "./private.js";
import "./palette.js";
import "./drawer.js";
import "./charts.js";
import "./offline.js";
