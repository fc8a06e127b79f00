// Before anything is drawn: light or dark as the reader chose; without a choice the system's.
const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
