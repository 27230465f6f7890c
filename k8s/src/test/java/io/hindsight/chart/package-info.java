/** The Helm chart and the plain manifests, by the real Helm and the real kubectl. */
@NullMarked
package io.hindsight.chart;

import org.jspecify.annotations.NullMarked;
