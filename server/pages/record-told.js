// Prints the page of what a meeting is told.
document.getElementById('print')?.addEventListener('click', () => window.print());
