// The list of copies sorts as soon as an order is chosen; times in the tree are made local by page.js.
const sort = document.querySelector("select#sort");
sort?.addEventListener("change", () => sort.form.requestSubmit());
