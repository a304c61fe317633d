/**
 * The page's script: sortable tables, and samples that figures lead to. The page says all it has to say without it.
 * Plain JavaScript for any browser of the last years; it makes elements and sets text, never markup.
 */
export const PAGE_SCRIPT = `
"use strict";
(() => {
  const PAGE = 60;
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // Tables: a button in each heading sorts by its column, numbers by value; absent values go last.
  for (const table of document.querySelectorAll(".table > table")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = make("button", { type: "button", className: "sort", textContent: heading.textContent });
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const isAscending = heading.getAttribute("aria-sort") !== "ascending";
        const value = (row) => {
          const text = row.cells[column].textContent;
          const number = Number.parseFloat(text.replaceAll(",", ""));
          return text === "—" ? null : heading.classList.contains("number") ? number : text;
        };
        const sorted = [...rows].sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          if (x === null || y === null) return (x === null) - (y === null);
          const order = typeof x === "number" ? x - y : x.localeCompare(y);
          return isAscending ? order : -order;
        });
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
        body.append(...sorted);
      });
    });
  }

  const holder = document.getElementById("samples-data");
  if (holder === null) return;
  const targets = JSON.parse(holder.textContent);

  const face = (t, i) => {
    const target = targets[t];
    const chip = make("span", { className: "face sheet-" + t });
    const x = (i % target.columns) * target.side;
    const y = Math.floor(i / target.columns) * target.side;
    chip.style.backgroundPosition = -x + "px " + -y + "px";
    chip.setAttribute("role", "img");
    chip.setAttribute("aria-label", "Face " + target.ids[i]);
    return chip;
  };
  const describe = (target, i) =>
    target.classes[target.labels[i]] + " → " + target.classes[target.predicted[i]];
  const sureness = (target, i) => Math.round(100 * target.confidences[i]) + "% sure";

  targets.forEach((target, t) => {
    const explorer = document.querySelector('.explorer[data-target="' + t + '"]');
    const form = explorer.querySelector("form");
    const list = explorer.querySelector("ul");
    const more = explorer.querySelector(".more");
    const found = explorer.querySelector(".found");
    const marks = [];
    let matching = [];
    let shown = 0;

    const showMore = () => {
      const next = matching.slice(shown, shown + PAGE);
      list.append(
        ...next.map((i) =>
          make(
            "li",
            { title: target.ids[i] },
            ...(target.columns > 0 ? [face(t, i)] : [make("span", { className: "id", textContent: target.ids[i] })]),
            make("span", { textContent: describe(target, i) }),
            make("span", { className: "sure", textContent: sureness(target, i) }),
          ),
        ),
      );
      shown += next.length;
      more.hidden = shown >= matching.length;
      found.textContent =
        matching.length + " of " + target.ids.length + " samples" + (more.hidden ? "" : ", " + shown + " shown");
    };

    const filter = () => {
      const { label, predicted, answers, order } = form.elements;
      const isMatch = (i) =>
        (label.value === "" || target.labels[i] === Number(label.value)) &&
        (predicted.value === "" || target.predicted[i] === Number(predicted.value)) &&
        (answers.value === "all" || (target.labels[i] === target.predicted[i]) === (answers.value === "right"));
      matching = target.ids.map((_, i) => i).filter(isMatch);
      const sign = { surest: -1, unsure: 1, test: 0 }[order.value];
      if (sign !== 0) matching.sort((a, b) => sign * (target.confidences[a] - target.confidences[b]) || a - b);
      list.replaceChildren();
      shown = 0;
      showMore();
      const isIn = new Set(matching);
      const isAll = matching.length === target.ids.length;
      for (const { mark, i } of marks) mark.classList.toggle("dim", isTouched && !isAll && !isIn.has(i));
    };
    // Maps stay whole until a reader filters.
    let isTouched = false;
    const touch = () => {
      isTouched = true;
      filter();
    };
    form.addEventListener("change", touch);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => {
      isTouched = false;
      setTimeout(filter);
    });
    more.addEventListener("click", showMore);

    const choose = (label, predicted) => {
      form.elements.label.value = label;
      form.elements.predicted.value = predicted;
      form.elements.answers.value = "all";
      touch();
      explorer.scrollIntoView({ block: "start" });
      form.elements.label.focus({ preventScroll: true });
    };

    // A confusion matrix is one stop of the tab key; arrows go from cell to cell, Enter shows its samples.
    for (const id of target.confusions) {
      const svg = document.querySelector("#" + CSS.escape(id) + " svg");
      const cells = [...svg.querySelectorAll("g.mark-rect.role-mark > path")];
      const n = target.classes.length;
      if (cells.length !== n * n) continue;
      svg.removeAttribute("aria-hidden");
      svg.setAttribute("role", "group");
      svg.setAttribute("aria-label", "Cells of the confusion matrix: arrow keys, Enter shows the samples");
      for (const text of svg.querySelectorAll("text")) text.setAttribute("aria-hidden", "true");
      // Numbers lie above their cells, and would take the clicks.
      for (const layer of svg.querySelectorAll("g.mark-text")) layer.style.pointerEvents = "none";
      const count = (label, predicted) =>
        target.labels.filter((l, i) => l === label && target.predicted[i] === predicted).length;
      cells.forEach((cell, k) => {
        const [label, predicted] = [Math.floor(k / n), k % n];
        cell.classList.add("cell");
        cell.setAttribute("role", "button");
        cell.setAttribute("tabindex", k === 0 ? "0" : "-1");
        const name =
          target.classes[label] + " taken for " + target.classes[predicted] + ": " + count(label, predicted) + " samples";
        cell.setAttribute("aria-label", name);
        cell.addEventListener("click", () => choose(label, predicted));
        cell.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: n, ArrowUp: -n }[event.key];
          if (event.key === "Enter" || event.key === " ") choose(label, predicted);
          else if (step === undefined || cells[k + step] === undefined) return;
          else {
            cell.setAttribute("tabindex", "-1");
            cells[k + step].setAttribute("tabindex", "0");
            cells[k + step].focus();
          }
          event.preventDefault();
        });
      });
    }

    // A point of a map shows its sample under the pointer; from the keyboard, arrows go through the samples.
    for (const { figure, indices } of target.maps) {
      const holder = document.getElementById(figure);
      const svg = holder.querySelector("svg");
      const points = [...svg.querySelectorAll("g.mark-symbol.role-mark > path")];
      const sampleOf = (k) => (indices === null ? k : indices[k]);
      const number = new Map(points.map((point, k) => [point, k]));
      points.forEach((mark, k) => marks.push({ mark, i: sampleOf(k) }));
      const card = make("div", { className: "card", hidden: true });
      card.setAttribute("role", "status");
      const frame = make("div", { className: "map", tabIndex: 0 });
      frame.setAttribute("role", "group");
      frame.setAttribute("aria-label", "Points of the map: arrow keys go through the samples, Enter shows samples like it");
      svg.replaceWith(frame);
      frame.append(svg, card);
      let current = -1;
      const show = (k) => {
        if (current >= 0) points[current].classList.remove("current");
        current = k;
        card.hidden = k < 0;
        if (k < 0) return;
        points[k].classList.add("current");
        const i = sampleOf(k);
        card.replaceChildren(
          ...(target.columns > 0 ? [face(t, i)] : []),
          make("span", { textContent: describe(target, i) }),
          make("span", { className: "sure", textContent: sureness(target, i) + ", " + target.ids[i] }),
        );
        const at = points[k].getBoundingClientRect();
        const around = frame.getBoundingClientRect();
        const left = at.left - around.left + 14;
        card.style.left = Math.max(0, Math.min(left, around.width - card.offsetWidth)) + "px";
        card.style.top = Math.max(0, at.top - around.top - card.offsetHeight - 10) + "px";
      };
      svg.addEventListener("pointerover", (event) => show(number.get(event.target) ?? -1));
      svg.addEventListener("pointerleave", () => show(-1));
      svg.addEventListener("click", (event) => {
        const k = number.get(event.target);
        if (k !== undefined) choose(target.labels[sampleOf(k)], target.predicted[sampleOf(k)]);
      });
      frame.addEventListener("blur", () => show(-1));
      frame.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (event.key === "Escape") show(-1);
        else if (event.key === "Enter" && current >= 0) {
          choose(target.labels[sampleOf(current)], target.predicted[sampleOf(current)]);
        } else if (step !== undefined) show((current + step + points.length) % points.length);
        else return;
        event.preventDefault();
      });
    }

    explorer.hidden = false;
    filter();
  });
})();
`;
