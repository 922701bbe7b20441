// Writes workbooks with SheetJS (npm `xlsx`), as make.py asks for them: node make.js orders.json
const fs = require("fs");
const XLSX = require("xlsx");

function sheet(order) {
    const rows = order.grid.map((row) => row.map((cell) => (cell === "" ? null : cell)));
    const sheet = XLSX.utils.aoa_to_sheet(rows, { cellDates: false });
    for (const cell of order.dates || []) {
        const at = XLSX.utils.encode_cell({ r: cell.row, c: cell.column });
        sheet[at] = { t: "n", v: cell.serial, z: cell.format };
    }
    sheet["!merges"] = (order.merges || []).map(([r1, c1, r2, c2]) => ({ s: { r: r1, c: c1 }, e: { r: r2, c: c2 } }));
    if ((order.hidden_rows || []).length) {
        sheet["!rows"] = rows.map((_, r) => ({ hidden: order.hidden_rows.includes(r) }));
    }
    if ((order.hidden_columns || []).length) {
        sheet["!cols"] = order.grid[0].map((_, c) => ({ hidden: order.hidden_columns.includes(c) }));
    }
    return sheet;
}

for (const order of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
    const book = XLSX.utils.book_new();
    for (const one of order.sheets) XLSX.utils.book_append_sheet(book, sheet(one), one.name);
    book.Workbook = { Sheets: order.sheets.map((one) => ({ name: one.name, Hidden: one.hidden ? 1 : 0 })) };
    const options = Object.assign({ bookType: order.type, type: "buffer", compression: true }, order.options || {});
    let bytes = XLSX.write(book, options);
    if (typeof bytes === "string") bytes = Buffer.from(bytes);
    fs.writeFileSync(order.out, bytes);
}
