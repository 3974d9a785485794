// The aligned page: search, filter by state, keyboard. The text itself needs none of this.
"use strict";
{
  const form = document.querySelector(".controls");
  const rows = [...document.querySelectorAll("tbody tr")];
  const search = form.querySelector("#search");
  const status = form.querySelector(".shown");
  const link = (row) => row.querySelector("th a");
  // Letters without their accents, one for one, so that a place in the plain text is a place in the text.
  const plain = (text) => [...text].map((c) => c.normalize("NFD")[0].toLowerCase()[0].padEnd(c.length)).join("").replaceAll("’", "'");
  const texts = rows.map((row) => [...row.querySelectorAll(".text")].map((p) => [p, plain(p.textContent)]));
  form.hidden = false;

  const update = () => {
    const words = plain(search.value).trim();
    const state = form.elements.state?.value ?? "";
    const found = [];
    let shown = 0;
    rows.forEach((row, number) => {
      const hits = words ? texts[number].filter(([, text]) => text.includes(words)) : [];
      const isShown = (!words || hits.length) && (!state || row.dataset.states.split(" ").includes(state));
      row.hidden = !isShown;
      shown += isShown ? 1 : 0;
      if (isShown) found.push(...hits);
    });
    const isNarrowed = words || state;
    status.textContent = isNarrowed ? form.dataset.shown.replace("{shown}", shown).replace("{total}", rows.length) : "";
    highlight(found, words);
  };

  const textNodes = (paragraph) => {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return nodes;
  };

  // The text node that holds a place in the text of its paragraph, and the place in it.
  const place = (nodes, at) => {
    let before = 0;
    const node = nodes.find((each) => (before += each.length) >= at) ?? nodes.at(-1);
    return [node, Math.min(at - before + node.length, node.length)];
  };

  const highlight = (found, words) => {
    if (!CSS.highlights) return;
    const ranges = [];
    for (const [paragraph, text] of found) {
      const nodes = textNodes(paragraph);
      for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) {
        const range = new Range();
        range.setStart(...place(nodes, at));
        range.setEnd(...place(nodes, at + words.length));
        ranges.push(range);
      }
    }
    CSS.highlights.set("search", new Highlight(...ranges));
  };

  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) {
      search.value = "";
      update();
      event.preventDefault();
    }
  });

  const go = (row) => {
    if (!row) return;
    link(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    const shown = rows.filter((row) => !row.hidden);
    const at = shown.indexOf(event.target.closest("tbody tr"));
    if (event.key === "/") search.focus();
    else if (at >= 0 && event.key === "ArrowDown") go(shown[at + 1]);
    else if (at >= 0 && event.key === "ArrowUp") go(shown[at - 1]);
    else return;
    event.preventDefault();
  });

  // A language tab shows other texts of other lengths: the segment that was on top stays there.
  const tabs = document.querySelector("#show");
  let top = null;
  const remember = () => {
    const edge = tabs.getBoundingClientRect().bottom + 24;
    const first = rows.find((row) => !row.hidden && row.getBoundingClientRect().bottom > edge);
    top = first && first.getBoundingClientRect().top <= edge ? first : null;
  };
  addEventListener("scroll", remember, { passive: true });
  tabs.addEventListener("change", () => top?.scrollIntoView({ block: "start" }));
}
