// The print button of the slips page.
const button = document.getElementById('print');
if (button) button.addEventListener('click', () => window.print());
