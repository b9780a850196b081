// The script by which gnuplot draws the pictures of a study of scale.
#ifndef EXAM_SCALE_PLOT_H
#define EXAM_SCALE_PLOT_H

#include "exam/scale_study.h"

#include <stdio.h>

// The script holds its data, and writes scale-parameters, scale-compute and scale-trade as .svg and
// .png into the folder that it runs in. A picture for which nothing is known yet is left out.
void scale_plot(FILE *out, const struct scale_study *study);

#endif
