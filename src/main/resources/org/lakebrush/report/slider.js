(() => {
  'use strict';
  for (const range of document.querySelectorAll('.slider-range')) {
    const stage = range.previousElementSibling;
    const show = () => {
      stage.style.setProperty('--cut', range.value + '%');
      range.setAttribute('aria-valuetext', range.value + '% before, ' + (100 - range.value) + '% after');
    };
    const follow = event => {
      const box = stage.getBoundingClientRect();
      range.value = Math.round(100 * (event.clientX - box.left) / box.width);
      show();
    };
    range.addEventListener('input', show);
    stage.addEventListener('pointerdown', event => {
      if (event.button === 0) {
        stage.setPointerCapture(event.pointerId);
        follow(event);
      }
    });
    stage.addEventListener('pointermove', event => {
      if (stage.hasPointerCapture(event.pointerId)) {
        follow(event);
      }
    });
    show();
  }
  for (const box of document.querySelectorAll('[data-outlines]')) {
    const show = () => document.body.classList.toggle('outlined', box.checked);
    box.addEventListener('change', show);
    show();
  }
})();
