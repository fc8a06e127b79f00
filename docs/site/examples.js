// Where the examples of queries open: in this reader's own Wirewatch, which may answer at another address.
const KEPT = "wirewatch";
const links = [...document.querySelectorAll("a.example")];
const heading = document.querySelector("article h1");
if (links.length && heading) {
  const usual = new URL(links[0].href).origin;
  const form = document.createElement("p");
  form.className = "wirewatch-address";
  const label = document.createElement("label");
  label.textContent = "The examples open in your Wirewatch at";
  label.htmlFor = "wirewatch-address";
  const field = Object.assign(document.createElement("input"), { id: "wirewatch-address", type: "url", spellcheck: false });
  field.value = localStorage.getItem(KEPT) || usual;
  const point = () => {
    let to;
    try { to = new URL(field.value); } catch { to = null; }
    if (!to || !["http:", "https:"].includes(to.protocol)) return;
    localStorage.setItem(KEPT, to.origin);
    for (const one of links) one.href = to.origin + "/" + new URL(one.href).search;
  };
  field.addEventListener("input", point);
  form.append(label, field);
  heading.after(form);
  point();
}
