/*
 * dlib's frontal face detector, for comparison. tools/dlib/dlib-faces.ts compiles and runs it; by hand:
 *
 *     g++ -O3 -march=native tools/dlib/faces.cpp -ldlib -llapack -lblas -o dlib-faces   (Debian: libdlib-dev)
 *
 *     dlib-faces filters                          the detector's filters and settings, as JSON
 *     dlib-faces detect [threshold [upsamplings]]  a line of JSON for every picture on stdin
 *     dlib-faces levels                           likewise: the checksums of its image pyramid
 *     dlib-faces squares FILE                     likewise: each face's box, and the square around the landmarks that a
 *                                                 shape predictor finds in it
 *
 * Pictures are binary netpbm (P5 grey, P6 RGB), one after another. Boxes are left, top, width, height, score, filter.
 */
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/revision.h>

using Grey = dlib::array2d<unsigned char>;
using Colour = dlib::array2d<dlib::rgb_pixel>;

struct Picture {
  int channels = 0;
  Grey grey;
  Colour colour;
};

template <typename Image>
bool read_pixels(std::istream& in, Image& image, long width, long height) {
  image.set_size(height, width);
  const auto bytes = static_cast<std::streamsize>(sizeof(image[0][0])) * width;
  for (long row = 0; row < height; ++row) {
    if (!in.read(reinterpret_cast<char*>(&image[row][0]), bytes)) return false;
  }
  return true;
}

bool read_picture(std::istream& in, Picture& picture) {
  std::string magic;
  long width = 0, height = 0, maximum = 0;
  if (!(in >> magic >> width >> height >> maximum)) return false;
  in.get();
  if (maximum != 255 || width < 1 || height < 1) return false;
  picture.channels = magic == "P6" ? 3 : 1;
  return picture.channels == 3 ? read_pixels(in, picture.colour, width, height)
                               : read_pixels(in, picture.grey, width, height);
}

/* As dlib's Python module does it: enlarge, detect, and bring the boxes back. */
template <typename Image>
void detect(dlib::frontal_face_detector& detector, const Image& image, double threshold, int upsamplings) {
  std::vector<dlib::rect_detection> found;
  const std::clock_t start = std::clock();
  if (upsamplings == 0) {
    detector(image, found, threshold);
  } else {
    dlib::pyramid_down<2> pyramid;
    Image enlarged;
    dlib::pyramid_up(image, enlarged, pyramid);
    for (int i = 1; i < upsamplings; ++i) dlib::pyramid_up(enlarged, pyramid);
    detector(enlarged, found, threshold);
    for (auto& face : found) face.rect = pyramid.rect_down(face.rect, upsamplings);
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("{\"cpuSeconds\":%.6f,\"faces\":[", seconds);
  for (size_t i = 0; i < found.size(); ++i) {
    const auto& [confidence, filter, box] = found[i];
    std::printf("%s[%ld,%ld,%lu,%lu,%.6f,%lu]", i ? "," : "", box.left(), box.top(), box.width(), box.height(),
                confidence, filter);
  }
  std::printf("]}\n");
}

/* FNV-1a over the bytes of every level, rows from the top. */
template <typename Image>
void levels(const Image& image) {
  dlib::pyramid_down<6> pyramid;
  Image level, next;
  dlib::assign_image(level, image);
  std::printf("[");
  for (bool first = true; level.nr() >= 8 && level.nc() >= 8; first = false) {
    uint32_t hash = 2166136261u;
    for (long row = 0; row < level.nr(); ++row) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(&level[row][0]);
      for (size_t i = 0; i < level.nc() * sizeof(level[0][0]); ++i) hash = (hash ^ bytes[i]) * 16777619u;
    }
    std::printf("%s[%ld,%ld,%u]", first ? "" : ",", level.nc(), level.nr(), hash);
    pyramid(level, next);
    swap(level, next);
  }
  std::printf("]\n");
}

/* A line of box and square, each left, top, side, for every face. */
template <typename Image>
void squares(dlib::frontal_face_detector& detector, const dlib::shape_predictor& predictor, const Image& image) {
  std::printf("[");
  bool first = true;
  for (const dlib::rectangle& box : detector(image)) {
    const dlib::full_object_detection shape = predictor(image, box);
    dlib::rectangle around;
    for (unsigned long i = 0; i < shape.num_parts(); ++i) around += shape.part(i);
    const double side = std::max(around.right() - around.left(), around.bottom() - around.top());
    std::printf("%s[%ld,%ld,%lu,%.1f,%.1f,%.1f]", first ? "" : ",", box.left(), box.top(), box.width(),
                (around.left() + around.right() - side) / 2, (around.top() + around.bottom() - side) / 2, side);
    first = false;
  }
  std::printf("]\n");
}

/* The filters as dlib applies them: the sums of the separable filters it keeps of each plane. */
void print_filters(dlib::frontal_face_detector& detector) {
  const auto& scanner = detector.get_scanner();
  std::printf("{\n\"dlib\":\"%d.%d.%d\",\n", DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION, DLIB_PATCH_VERSION);
  std::printf("\"cellSize\":%lu,\"padding\":%lu,\n", scanner.get_cell_size(), scanner.get_padding());
  std::printf("\"smallestLevel\":{\"width\":%lu,\"height\":%lu},\"mostLevels\":%lu,\n",
              scanner.get_min_pyramid_layer_width(), scanner.get_min_pyramid_layer_height(),
              scanner.get_max_pyramid_levels());
  std::printf("\"overlap\":{\"intersectionOverUnion\":%.17g,\"covered\":%.17g},\n",
              detector.get_overlap_tester().get_iou_thresh(),
              detector.get_overlap_tester().get_percent_covered_thresh());
  std::printf("\"rows\":%lu,\"columns\":%lu,\"planes\":%lu,\n\"filters\":[", scanner.get_fhog_window_height(),
              scanner.get_fhog_window_width(), scanner.get_feature_extractor().get_num_planes());
  for (unsigned long i = 0; i < detector.num_detectors(); ++i) {
    const auto& bank = detector.get_processed_w(i).get_detect_argument();
    std::printf("%s\n{\"threshold\":%.17g,\"weights\":[", i ? "," : "",
                detector.get_w(i)(scanner.get_num_dimensions()));
    for (size_t plane = 0; plane < bank.filters.size(); ++plane) {
      dlib::matrix<double> sum = dlib::zeros_matrix<double>(bank.filters[plane].nr(), bank.filters[plane].nc());
      for (size_t j = 0; j < bank.row_filters[plane].size(); ++j) {
        sum += dlib::matrix_cast<double>(bank.col_filters[plane][j]) *
               dlib::trans(dlib::matrix_cast<double>(bank.row_filters[plane][j]));
      }
      for (long k = 0; k < sum.size(); ++k) {
        const float weight = sum(k);
        std::printf("%s%.9g", plane || k ? "," : "", weight == 0 ? 0.f : weight);
      }
      std::printf("\n");
    }
    std::printf("]}");
  }
  std::printf("\n]}\n");
}

int main(int count, char** arguments) {
  const std::string command = count > 1 ? arguments[1] : "";
  auto detector = dlib::get_frontal_face_detector();
  std::ios::sync_with_stdio(false);
  if (command == "filters") {
    print_filters(detector);
  } else if (command == "detect" || command == "levels" || (command == "squares" && count > 2)) {
    dlib::shape_predictor predictor;
    if (command == "squares") dlib::deserialize(arguments[2]) >> predictor;
    const double threshold = command == "detect" && count > 2 ? std::stod(arguments[2]) : 0;
    const int upsamplings = command == "detect" && count > 3 ? std::stoi(arguments[3]) : 0;
    const auto answer = [&](const auto& image) {
      if (command == "levels") levels(image);
      else if (command == "squares") squares(detector, predictor, image);
      else detect(detector, image, threshold, upsamplings);
    };
    Picture picture;
    while (read_picture(std::cin, picture)) {
      picture.channels == 3 ? answer(picture.colour) : answer(picture.grey);
      std::fflush(stdout);
    }
  } else {
    std::fprintf(stderr, "usage: dlib-faces filters | detect [threshold [upsamplings]] | levels | squares FILE\n");
    return 64;
  }
}
