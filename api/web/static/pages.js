// Draws the charts and shows what a mark stands for. Every page is complete without this file.
"use strict";
(() => {
  const swedish = document.documentElement.lang === "sv";
  const numbers = swedish
    ? { decimal: ",", thousands: "\u00a0", grouping: [3], currency: ["", ""], minus: "\u2212" }
    : { decimal: ".", thousands: ",", grouping: [3], currency: ["", ""], minus: "\u2212" };

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);

  const written = (value) => (typeof value === "number" ? value.toLocaleString(document.documentElement.lang) : String(value));

  const tell = (handler, event, item, value) => {
    if (value === null || value === undefined || value === "") {
      tip.hidden = true;
      return;
    }
    const lines = typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name}: ${written(one)}`) : [written(value)];
    tip.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    tip.hidden = false;
    const room = document.documentElement.clientWidth - tip.offsetWidth - 12;
    tip.style.left = `${Math.max(4, Math.min(event.pageX + 12, room + window.scrollX))}px`;
    tip.style.top = `${event.pageY + 14}px`;
  };

  const draw = (figure) => {
    const place = figure.querySelector(".drawing");
    const spec = JSON.parse(figure.querySelector(".spec").textContent);
    const options = { ast: true, actions: false, defaultStyle: false, tooltip: tell, renderer: "svg", formatLocale: numbers };
    window.vegaEmbed(place, spec, options).then(() => {
      const picture = place.querySelector("svg");
      if (picture) {
        picture.setAttribute("role", "img");
        picture.setAttribute("aria-label", place.dataset.title);
      }
    });
  };

  // A page about something under way asks again until it is done, and says only what changed.
  const follow = async () => {
    const jobs = document.getElementById("jobs");
    if (!jobs || !jobs.querySelector("progress")) return;
    await new Promise((done) => setTimeout(done, 1500));
    try {
      const text = await (await fetch(window.location.href)).text();
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("jobs");
      if (!fresh) return;
      jobs.replaceChildren(...fresh.childNodes);
    } catch {
      // the service does not answer for now: ask again
    }
    follow();
  };

  const start = () => {
    follow();
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") tip.hidden = true;
    });
    if (!window.vegaEmbed) return;
    const figures = [...document.querySelectorAll("figure")].filter((one) => one.querySelector(".spec"));
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        draw(entry.target);
      }
    }, { rootMargin: "600px" });
    figures.forEach((one) => seen.observe(one));
    window.addEventListener("beforeprint", () => {
      figures.filter((one) => !one.querySelector("svg")).forEach(draw);
    });
  };
  start();
})();
