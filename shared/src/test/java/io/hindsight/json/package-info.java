@NullMarked
package io.hindsight.json;

import org.jspecify.annotations.NullMarked;
