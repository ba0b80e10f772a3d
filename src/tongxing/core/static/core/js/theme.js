// Runs before the first paint: dark by preference (or by the user's choice), and says that scripts work.
(function () {
  var root = document.documentElement;
  var chosen = null;
  try { chosen = localStorage.getItem("tx-theme"); } catch (error) { chosen = null; }
  var prefers = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() { root.setAttribute("data-bs-theme", chosen || (prefers.matches ? "dark" : "light")); }
  apply();
  root.classList.add("js");
  prefers.addEventListener("change", apply);
})();
