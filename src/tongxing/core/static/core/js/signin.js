// Whoever stands here is nobody yet: copies of personal pages are not for the next one (core/js/offline.js).
import { forget } from "./offline.js";

forget().catch(() => {});

// A form that was sent and met the sign-in page was not taken: its draft is offered again afterwards (core/js/drafts.js).
try { sessionStorage.removeItem("tx-draft-sent"); } catch { /* no session storage */ }
