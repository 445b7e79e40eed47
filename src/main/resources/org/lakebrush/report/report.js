(() => {
  'use strict';
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById('data').textContent);
  const STATUS = ['repaired', 'review', 'unchanged', 'failed'];
  const number = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
  const colour = name => getComputedStyle(root).getPropertyValue('--' + name).trim();
  const KINDS = ['failed', 'review', 'mask', 'read', 'encode', 'decode', 'write'];
  const kindColour = i => colour(KINDS[Math.min(i, KINDS.length - 1)]);
  const two = n => String(n).padStart(2, '0');

  /** A time of day, UTC; seconds where buckets are shorter than a minute. */
  const clock = (millis, step) => {
    const t = new Date(millis);
    return two(t.getUTCHours()) + ':' + two(t.getUTCMinutes()) + (step < 60000 ? ':' + two(t.getUTCSeconds()) : '');
  };
  /** The unit that suits times of up to so many seconds, and its length in seconds. */
  const unitOf = seconds => seconds >= 7200 ? ['h', 3600] : seconds >= 120 ? ['min', 60] : ['s', 1];

  /** Bars by status, one on the other. */
  const stacked = (labels, counts, names, width, paint = i => colour(names[i])) => ({
    labels,
    datasets: names.map((name, i) => ({
      label: name, data: counts.map(c => c[i]), backgroundColor: paint(i), stack: 'all', categoryPercentage: width, barPercentage: 1,
      maxBarThickness: 46, borderRadius: 2,
    })),
  });
  const across = (labels, values, name, unit) => ({
    type: 'bar',
    data: {labels, datasets: [{label: unit, data: values, backgroundColor: name, borderRadius: 4, maxBarThickness: 22}]},
    options: {indexAxis: 'y'},
  });

  const charts = {
    nights: () => ({type: 'bar', data: stacked(data.nights.map(n => n.label), data.nights.map(n => n.counts), STATUS, 0.72),
      options: {title: i => data.nights[i].label + ', ' + data.nights[i].at + ' UTC'}}),
    throughput: () => {
      const {start, step, counts} = data.throughput;
      const per = 1000 / step;
      const at = counts.map((c, i) => clock(start + i * step, step));
      return {type: 'bar', data: stacked(at, counts.map(c => c.map(n => n * per)), STATUS, 0.9),
        options: {unit: 'images/s', title: i => at[i] + ' to ' + clock(start + (i + 1) * step, step) + ' UTC'}};
    },
    failures: () => across(data.failures.slice(0, 8).map(f => f.label), data.failures.slice(0, 8).map(f => f.images),
      data.failures.map((f, i) => kindColour(i)), 'images'),
    when: () => {
      const {start, step, counts} = data.throughput;
      const at = counts.map((c, i) => clock(start + i * step, step));
      return {type: 'bar', data: stacked(at, counts.map((c, i) => data.when.map(k => k.counts[i])), data.when.map(k => k.label), 0.9,
        kindColour),
        options: {title: i => at[i] + ' to ' + clock(start + (i + 1) * step, step) + ' UTC'}};
    },
    stages: () => {
      const [unit, length] = unitOf(Math.max(...data.stages.map(s => s.seconds)));
      const c = across(data.stages.map(s => s.label), data.stages.map(s => s.seconds / length), data.stages.map(s => colour(s.label)),
        'time');
      c.options.unit = unit;
      return c;
    },
    holes: () => ({type: 'bar', data: stacked(data.holes.map(h => h.label), data.holes.map(h => h.counts), STATUS.slice(0, 2), 0.86),
      options: {title: i => 'Hole ' + data.holes[i].range + ' of the image'}}),
  };

  const drawn = [];
  const draw = canvas => {
    const config = charts[canvas.dataset.chart]();
    const {indexAxis = 'x', unit = '', say = v => number.format(v), title = i => config.data.labels[i]} = config.options;
    const sideways = indexAxis === 'y';
    const line = {color: colour('line'), drawTicks: false};
    const ticks = {color: colour('quiet'), padding: 6, font: {size: 12}};
    const values = {stacked: true, beginAtZero: true, border: {display: false}, grid: line,
      ticks: {...ticks, maxTicksLimit: 6, precision: unit ? undefined : 0, callback: v => say(v) + (sideways && unit ? ' ' + unit : '')}};
    const names = {stacked: true, border: {color: colour('line')}, grid: {display: false},
      ticks: {...ticks, maxRotation: 0, autoSkipPadding: 14}};
    if (sideways) {
      names.ticks.autoSkip = false;
    }
    return new Chart(canvas, {
      type: config.type,
      data: config.data,
      options: {
        indexAxis, animation: false, responsive: true, maintainAspectRatio: false, events: ['mousemove', 'mouseout', 'click', 'touchstart'],
        interaction: {mode: 'index', axis: indexAxis, intersect: false},
        font: {family: getComputedStyle(document.body).fontFamily},
        layout: {padding: {right: sideways ? 16 : 0}},
        scales: sideways ? {x: values, y: names} : {x: names, y: values},
        plugins: {
          legend: {display: false},
          tooltip: {
            backgroundColor: colour('text'), titleColor: colour('panel'), bodyColor: colour('panel'), padding: 10, cornerRadius: 8,
            boxPadding: 5,
            filter: item => sideways || item.raw > 0,
            callbacks: {
              title: items => items.length ? title(items[0].dataIndex) : '',
              label: item => ' ' + item.dataset.label + ': ' + say(item.raw) + (unit ? ' ' + unit : ''),
            },
          },
        },
      },
    });
  };

  const redraw = () => {
    drawn.splice(0).forEach(chart => chart.destroy());
    for (const canvas of document.querySelectorAll('canvas[data-chart]')) {
      drawn.push(draw(canvas));
    }
  };

  /** Keys step through a chart; what is there is shown, and said. */
  for (const box of document.querySelectorAll('.chart')) {
    const canvas = box.querySelector('canvas');
    let at = -1;
    box.addEventListener('keydown', event => {
      const chart = Chart.getChart(canvas);
      const last = chart.data.labels.length - 1;
      const to = {ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last}[event.key];
      if (to === undefined || last < 0) {
        return;
      }
      event.preventDefault();
      at = Math.max(0, Math.min(last, to));
      const active = chart.data.datasets.map((set, i) => ({datasetIndex: i, index: at}));
      chart.setActiveElements(active);
      chart.tooltip.setActiveElements(active, chart.getDatasetMeta(0).data[at].getCenterPoint());
      chart.update();
      box.querySelector('[aria-live]').textContent = [chart.tooltip.title, ...chart.tooltip.body.map(part => part.lines)].flat().join(', ');
    });
    box.addEventListener('blur', () => {
      const chart = Chart.getChart(canvas);
      chart.setActiveElements([]);
      chart.tooltip.setActiveElements([], {x: 0, y: 0});
      chart.update();
    });
  }

  /** auto, light, dark. */
  const THEMES = ['auto', 'light', 'dark'];
  const KEY = 'lakebrush-theme';
  const button = document.getElementById('theme');
  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const wear = theme => {
    if (theme === 'auto') {
      delete root.dataset.theme;
    } else {
      root.dataset.theme = theme;
    }
    document.getElementById('theme-name').textContent = theme;
    button.setAttribute('aria-label', 'Colours: ' + theme);
    redraw();
  };
  let theme = THEMES.includes(kept()) ? kept() : 'auto';
  button.hidden = false;
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A page that may keep nothing has its colours until it is closed.
    }
    wear(theme);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  wear(theme);

  const said = document.getElementById('said');
  for (const copy of document.querySelectorAll('[data-copy]')) {
    copy.hidden = false;
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(copy.dataset.copy);
        said.textContent = 'Copied';
        copy.classList.add('copied');
      } catch {
        said.textContent = 'The browser does not let this page copy: ' + copy.dataset.copy;
      }
      setTimeout(() => {
        copy.classList.remove('copied');
        said.textContent = '';
      }, 1500);
    });
  }

  /** UTC and the reader's own time. */
  for (const time of document.querySelectorAll('time.local')) {
    const at = name => new Date(Number(time.dataset[name]));
    if (at('from').getTimezoneOffset() !== 0) {
      const own = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
      time.append(' (' + own.format(at('from')) + ' to ' + own.format(at('to')) + ' here)');
    }
  }
})();
