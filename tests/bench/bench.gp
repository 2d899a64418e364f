# Draw the table: bars on a logarithmic scale, ours beside the first peer's,
# and how many times as fast ours is.
set terminal svg size 1000,460 font "sans-serif,13"
set output out
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set logscale y
set yrange [1:20000]
set ylabel "MB/s of input (logarithmic)"
set grid ytics
set key top left
plot table using 2:xtic(1) title "mutstream" linecolor rgb "#2166ac", \
     table using 3 title peer linecolor rgb "#b2b2b2", \
     table using 0:2:4 with labels offset -1.6,0.8 notitle
