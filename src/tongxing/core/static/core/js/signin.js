// A form that was sent and met the sign-in page was not taken: its draft is offered again afterwards (core/js/drafts.js).
try { sessionStorage.removeItem("tx-draft-sent"); } catch { /* no session storage */ }
