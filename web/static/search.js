// The search page, made quicker: completion while typing, dragging over the bars, keys.

const box = document.getElementById("q");
const characters = (text) => [...text].length; // as the server counts them
const units = (text, place) => [...text].slice(0, place).join("").length; // as a text box counts them

/** What may come next, below the box: a combobox with a list (WAI-ARIA Authoring Practices 1.2). */
function offerCompletion() {
  const list = document.createElement("ul");
  Object.assign(list, { id: "suggestions", className: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What may come next");
  box.after(list);
  const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(attributes)) box.setAttribute(name, value);
  let offered = [];
  let chosen = -1;
  let asking = null;
  let waiting = 0;

  function close() {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    list.replaceChildren();
    offered = [];
    choose(-1);
    box.setAttribute("aria-expanded", "false");
  }

  function choose(number) {
    chosen = number;
    for (const [at, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(at === number));
      if (at === number) option.scrollIntoView({ block: "nearest" });
    }
    if (number < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", list.children[number].id);
  }

  function take(one) {
    const text = box.value;
    const [begin, end] = [units(text, one.begin), units(text, one.end)];
    const open = one.kind === "field"; // its value follows
    const space = open || text[end] === " " ? "" : " ";
    box.setRangeText(one.text + space, begin, end, "end");
    close();
    box.focus();
    if (open) ask();
  }

  function show(told) {
    offered = told;
    list.replaceChildren(...told.map((one, at) => {
      const option = document.createElement("li");
      option.id = `suggestion-${at}`;
      option.setAttribute("role", "option");
      option.append(Object.assign(document.createElement("code"), { textContent: one.text }));
      option.append(Object.assign(document.createElement("small"), { textContent: one.note }));
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); take(one); });
      return option;
    }));
    list.hidden = told.length === 0;
    box.setAttribute("aria-expanded", String(told.length > 0));
    choose(-1);
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const at = characters(box.value.slice(0, box.selectionStart));
    try {
      const answer = await fetch(`/api/v1/complete?${new URLSearchParams({ q: box.value, at })}`, { signal: asking.signal });
      if (answer.ok && document.activeElement === box) show((await answer.json()).completions);
    } catch {
      // Aborted by the next letter, or the server is away: the box works without.
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 80);
  });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" && !open) ask();
    else if (event.key === "ArrowDown") choose((chosen + 1) % offered.length);
    else if (event.key === "ArrowUp" && open) choose((chosen <= 0 ? offered.length : chosen) - 1);
    else if (event.key === "Escape" && open) close();
    else if (event.key === "Escape") box.blur();
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) take(offered[chosen]);
    else return void (event.key === "Enter" && close());
    event.preventDefault();
  });
}

/** The mark of an error stays under its column when the box scrolls. */
function followTheError() {
  const pointer = document.querySelector(".pointer");
  if (!pointer) return;
  const place = units(box.value, Number(box.dataset.column) - 1);
  box.focus();
  box.setSelectionRange(place, place);
  box.scrollLeft = pointer.querySelector(".before").offsetWidth - box.clientWidth / 2;
  const follow = () => { pointer.scrollLeft = box.scrollLeft; };
  box.addEventListener("scroll", follow);
  box.addEventListener("input", () => pointer.remove());
  requestAnimationFrame(follow);
}

/** A stretch of time is dragged over the bars, or chosen with the arrow keys. */
function offerDragging() {
  const figure = document.querySelector("[data-over-time]");
  if (!figure) return;
  const picture = figure.querySelector("svg");
  const picked = picture.querySelector(".picked");
  const bars = [...picture.querySelectorAll("a")];
  const slider = figure.querySelector(".ends"); // beside the bars, which are links: controls do not nest
  const attributes = { role: "slider", tabindex: "0", "aria-label": "Stretch of time", "aria-valuemin": 1, "aria-valuemax": bars.length };
  for (const [name, value] of Object.entries(attributes)) slider.setAttribute(name, value);
  slider.removeAttribute("aria-hidden");
  figure.querySelector("[data-how]").hidden = false;
  let from = bars.length - 1;
  let to = from;
  let held = false;
  let moved = false;

  function draw(shown = true) {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    picked.setAttribute("x", first * 10);
    picked.setAttribute("width", shown ? (last - first + 1) * 10 : 0);
    bars.forEach((bar, at) => bar.classList.toggle("within", shown && at >= first && at <= last));
    const count = bars.slice(first, last + 1).reduce((sum, bar) => sum + Number(bar.dataset.count), 0);
    const labels = first === last ? bars[first].dataset.label : `${bars[first].dataset.label} to ${bars[last].dataset.label}`;
    slider.setAttribute("aria-valuenow", to + 1);
    slider.setAttribute("aria-valuetext", `${labels}: ${count} articles`);
  }

  function go() {
    const address = new URL(figure.dataset.overTime, location.href);
    address.searchParams.set("since", bars[Math.min(from, to)].dataset.begin);
    address.searchParams.set("until", bars[Math.max(from, to)].dataset.end);
    location.assign(address);
  }

  function under(event) {
    const { left, width } = picture.getBoundingClientRect();
    return Math.min(bars.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * bars.length)));
  }

  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    moved = false;
    from = to = under(event);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!held || (!moved && under(event) === from)) return;
    if (!moved) picture.setPointerCapture(event.pointerId); // not before: a click is the bar's own link
    moved = true;
    to = under(event);
    draw();
  });
  picture.addEventListener("pointerup", () => {
    if (held && moved) go();
    held = false;
  });
  picture.addEventListener("pointercancel", () => { held = false; draw(false); });
  picture.addEventListener("mousedown", (event) => event.preventDefault()); // or the link itself would be dragged
  picture.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
  slider.addEventListener("focus", () => { if (!held) draw(); });
  slider.addEventListener("blur", () => draw(false));
  slider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7 }[event.key];
    if (step) to = Math.min(bars.length - 1, Math.max(0, to + step));
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = bars.length - 1;
    else if (event.key === "Enter") return go();
    else if (event.key === "Escape") return slider.blur();
    else return;
    if (!event.shiftKey) from = to;
    draw();
    event.preventDefault();
  });
  draw(false);
}

/** Keys for who looks at this all day; never while something is typed. */
function offerKeys() {
  const stories = [...document.querySelectorAll("[data-story]")];
  const dialog = document.getElementById("keys");
  const button = document.querySelector("[data-keys]");
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  let here = -1;

  function go(step) {
    const next = Math.min(stories.length - 1, Math.max(0, here + step));
    if (!stories.length) return;
    stories[here]?.classList.remove("here");
    here = next;
    stories[here].classList.add("here");
    stories[here].focus({ preventScroll: true });
    stories[here].scrollIntoView({ block: "nearest" });
  }

  const does = {
    "/": () => { box.focus(); box.select(); },
    j: () => go(1),
    k: () => go(-1),
    o: () => stories[here]?.querySelector("[data-open]").click(),
    s: () => document.querySelector("[data-subscribe]")?.click(),
    "?": () => dialog.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || dialog.open || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(does, event.key)) return;
    event.preventDefault();
    does[event.key]();
  });
}

offerCompletion();
followTheError();
offerDragging();
offerKeys();
