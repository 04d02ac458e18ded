/* Small conveniences on data-ent-* attributes. Every page works without them. */
"use strict";

(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  /* Elements that make sense only with the script are shown by it. */
  all("[data-ent-needs-script]").forEach((element) => { element.hidden = false; });

  /* The summary of errors takes the focus after a refused form. */
  const errors = document.querySelector("[data-ent-focus]");
  if (errors) { errors.focus(); }

  /* Menus: one open at a time, closed by Escape, by a click or by the focus elsewhere. */
  const menus = all("details[data-ent-menu]");
  const closeMenus = (except) => menus.forEach((menu) => { if (menu !== except) { menu.open = false; } });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-ent-menu]")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details[data-ent-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") { return; }
    const open = menus.find((menu) => menu.open);
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });

  /* Bulk selection: one box ticks all those of its name; the count follows. */
  const boxesOf = (scope) => all(`input[type="checkbox"][name="${CSS.escape(scope)}"]:not(:disabled)`);
  const showCount = (scope) => {
    const boxes = boxesOf(scope);
    const ticked = boxes.filter((box) => box.checked).length;
    all(`[data-ent-selection-count="${CSS.escape(scope)}"]`).forEach((place) => {
      const noun = place.dataset.entNoun;
      place.textContent = `${ticked.toLocaleString("fr")} ${noun}${ticked > 1 ? "s" : ""}`;
    });
    all(`[data-ent-select-all="${CSS.escape(scope)}"]`).forEach((master) => {
      master.checked = ticked > 0 && ticked === boxes.length;
      master.indeterminate = ticked > 0 && ticked < boxes.length;
    });
  };
  const scopes = new Set(all("[data-ent-select-all], [data-ent-selection-count]")
    .map((element) => element.dataset.entSelectAll || element.dataset.entSelectionCount));
  scopes.forEach(showCount);
  document.addEventListener("change", (event) => {
    const scope = event.target.dataset.entSelectAll;
    if (scope) { boxesOf(scope).forEach((box) => { box.checked = event.target.checked; }); }
    const changed = scope || event.target.name;
    if (scopes.has(changed)) { showCount(changed); }
  });

  /* Copy: <button data-ent-copy="#id"> copies the text of that element and says so. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-ent-copy]");
    if (!button) { return; }
    const source = document.querySelector(button.dataset.entCopy);
    await navigator.clipboard.writeText(source.textContent.trim());
    const words = button.querySelector("span") || button;
    const before = words.textContent;
    words.textContent = "Copié";
    setTimeout(() => { words.textContent = before; }, 2000);
  });

  /* Passwords may be shown: <button type="button" data-ent-reveal="id" data-ent-needs-script hidden>. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ent-reveal]");
    if (!button) { return; }
    const input = document.getElementById(button.dataset.entReveal);
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    (button.querySelector("[data-ent-reveal-word]") || button).textContent = shown ? "Masquer" : "Afficher";
  });

  /* A password typed while capitals are locked says so: <p data-ent-caps-lock="id" role="status">. */
  all("[data-ent-caps-lock]").forEach((place) => {
    const input = document.getElementById(place.dataset.entCapsLock);
    const show = (event) => {
      const isOn = event.getModifierState && event.getModifierState("CapsLock");
      const words = isOn ? "La touche majuscules est verrouillée." : "";
      if (place.textContent !== words) { place.textContent = words; }
    };
    ["keydown", "keyup", "mousedown"].forEach((name) => input.addEventListener(name, show));
    input.addEventListener("blur", () => { place.textContent = ""; });
  });

  /* Characters left: <p data-ent-counter="id"> under a textarea with maxlength. */
  all("[data-ent-counter]").forEach((place) => {
    const input = document.getElementById(place.dataset.entCounter);
    const show = () => {
      const typed = input.value.length;
      place.textContent = `${typed} caractère${typed > 1 ? "s" : ""} sur ${input.maxLength}`;
    };
    input.addEventListener("input", show);
    show();
  });

  /* A list that a text narrows: <input data-ent-narrow="id-of-list">, its items hidden by their text. */
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  all("[data-ent-narrow]").forEach((input) => {
    const items = Array.from(document.getElementById(input.dataset.entNarrow).children);
    input.addEventListener("input", () => {
      const words = fold(input.value).split(/\s+/);
      items.forEach((item) => { item.hidden = !words.every((word) => fold(item.textContent).includes(word)); });
    });
  });

  /* A count that follows a form: <form data-ent-recount="#id"> asks its own page with `compter`. */
  all("form[data-ent-recount]").forEach((form) => {
    let asked = 0;
    const count = async () => {
      const turn = ++asked;
      const body = new FormData(form);
      body.append("compter", "1");
      const answer = await fetch(window.location.href, { method: "POST", body, credentials: "same-origin" });
      if (!answer.ok || turn !== asked) { return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(form.dataset.entRecount);
      const shown = document.querySelector(form.dataset.entRecount);
      if (fresh && shown) { shown.replaceChildren(...fresh.childNodes); }
    };
    form.addEventListener("change", () => { count().catch(() => {}); });
  });

  /* Progress: [data-ent-poll="url"] asks JSON {done,total,step,words,finished,location} every 2 s. */
  all("[data-ent-poll]").forEach((region) => {
    const put = (name, value) => all(`[data-ent-${name}]`, region).forEach((place) => { place.textContent = value; });
    let wait = 1000;
    const ask = async () => {
      try {
        const answer = await fetch(region.dataset.entPoll, { headers: { Accept: "application/json", "X-Ent-Poll": "1" }, credentials: "same-origin" });
        if (answer.redirected || answer.status === 401 || answer.status === 403) { window.location.reload(); return; }
        const state = await answer.json();
        const bar = region.querySelector("progress");
        put("done", state.done.toLocaleString("fr"));
        if (state.total) {
          put("total", state.total.toLocaleString("fr"));
          put("percent", Math.min(100, Math.floor((state.done * 100) / state.total)));
          bar.max = state.total;
          bar.value = state.done;
        } else {
          bar.removeAttribute("value");
        }
        all("[data-ent-numbers]", region).forEach((place) => { place.hidden = !state.total; });
        if (state.step !== undefined) { put("step", state.step); }
        if (state.words !== undefined) { put("words", state.words); }
        if (state.finished) { window.location.assign(state.location || window.location.href); return; }
        wait = 2000;
      } catch (error) {
        wait = Math.min(wait * 2, 15000);
      }
      setTimeout(ask, wait);
    };
    setTimeout(ask, wait);
  });

  /* A page that only carries something on: <form data-ent-submit> is sent at once; its button is for the others. */
  all("form[data-ent-submit]").forEach((form) => form.submit());

  /* A form that starts work is sent once: a second click while the page loads does nothing (data-ent-once="5": within five seconds). */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !form.hasAttribute("data-ent-once")) { return; }
    const wait = Number(form.dataset.entOnce) * 1000 || Infinity;
    if (form.dataset.entSent && Date.now() - Number(form.dataset.entSent) < wait) { event.preventDefault(); return; }
    form.dataset.entSent = String(Date.now());
  });
  /* A page that answers a sent form becomes a plain one in the history: « Retour » to it, or loading it
     again, shows the form anew instead of the browser's own « Confirmer le nouvel envoi ». */
  const posted = document.documentElement.dataset.entPosted;
  if (posted) { window.history.replaceState(window.history.state, "", posted); }

  /* "Back" after a sign-out: a browser that kept a signed-in page alive asks the server again. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.querySelector("[data-ent-signed-in]")) {
      document.documentElement.hidden = true;
      window.location.reload();
    }
  });
  window.addEventListener("pageshow", () => all("form[data-ent-sent]").forEach((form) => { delete form.dataset.entSent; }));
})();
