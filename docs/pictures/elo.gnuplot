# The picture of the first README: strength over training time, from a table of `tengen elo`.
#   gnuplot -e "csv='docs/lab/go7-elo.csv'" docs/pictures/elo.gnuplot > docs/pictures/elo.svg
# Columns: 3 kind, 2 name, 5 seconds, 9 Elo, 10 and 11 its 95 % interval. GNU Go level 1 stands so near to
# level 10 that their names would cover each other; it is left out.
set terminal svg size 800,430 font "DejaVu Sans,Arial,sans-serif,13" background "white"
set datafile separator comma
set encoding utf8
set border 3 lc rgb "#505050"
set tics nomirror
set grid ytics lc rgb "#e6e6e6" lt 1
set rmargin 18
set tmargin 3
set xlabel "training time (minutes)"
set ylabel "Elo"
set yrange [-1200:2500]
set key at graph 0, graph 1.09 left Left reverse
drawn(kind) = strcol(3) eq kind && !(strcol(2) eq "GNU Go level 1")
stats csv every ::1 using 5 nooutput
longest = STATS_max / 60
set xrange [0:longest * 1.03]
end = longest * 1.03
plot csv every ::1 using (0):(drawn("anchor") ? $9 : NaN):(end):(0) with vectors nohead lc rgb "#8c8c8c" dt (8,5) notitle, \
     csv every ::1 using (end):(drawn("anchor") ? $9 : NaN):(" " . strcol(2)) with labels left noenhanced tc rgb "#404040" notitle, \
     csv every ::1 using (drawn("checkpoint") ? $5 / 60 : NaN):9:10:11 with yerrorlines lw 2.2 pt 7 ps 0.7 lc rgb "#0072b2" \
         title "the net, 100 visits a move, with 95 % intervals"
