// Imports a module by its URL: parts of the program, which are scripts, cannot.
module.exports = (url) => import(url);
