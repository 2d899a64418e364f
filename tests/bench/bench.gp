# Draw the table: bars on a logarithmic scale, ours beside the peer's.
set terminal svg size 1000,520 font "sans-serif,12"
set output out
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set logscale y
set yrange [1:*]
set ylabel "MB/s of input (logarithmic)"
set xtics rotate by -45
set bmargin 7
set grid ytics
set key top left
plot table using 2:xtic(1) title "mutstream" linecolor rgb "#2166ac", \
     table using 3 title "peer" linecolor rgb "#b2b2b2"
