/*
 * dlib's faces, for comparison: detector, landmarks and face chips. tools/dlib/dlib-programs.ts compiles and runs it; by
 * hand:
 *
 *     g++ -O3 -march=native tools/dlib/faces.cpp -ldlib -llapack -lblas -o faces   (Debian: libdlib-dev)
 *
 *     faces filters                           the detector's filters and settings, as JSON
 *     faces detect [threshold [upsamplings]]  a line of JSON for every picture on stdin
 *     faces levels                            likewise: the checksums of its image pyramid
 *     faces landmarks FILE                    likewise: boxes, scores and what a shape predictor finds in them; a
 *                                             picture's numbers are boxes (left, top, width, height), or none: then the
 *                                             detector is asked
 *     faces chips                             likewise: what get_face_chip_details makes of the picture's numbers, which
 *                                             are size, padding and points: centre, side, angle, and the map from the
 *                                             chip's pixels to the picture's
 *
 * Pictures come as picture-stream.ts writes them. Boxes are left, top, width, height; the detector's also score, filter.
 */
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>
#include <dlib/revision.h>

#include "picture_stream.h"

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

/* A face each: the box, its score, and the predictor's points in it. */
template <typename Image>
void landmarks(dlib::frontal_face_detector& detector, const dlib::shape_predictor& predictor, const Image& image,
               const std::vector<float>& numbers) {
  std::vector<std::pair<double, dlib::rectangle>> boxes;
  for (size_t i = 0; i + 3 < numbers.size(); i += 4) {
    const long left = std::lround(numbers[i]), top = std::lround(numbers[i + 1]);
    boxes.emplace_back(0, dlib::rectangle(left, top, left + std::lround(numbers[i + 2]) - 1,
                                          top + std::lround(numbers[i + 3]) - 1));
  }
  if (numbers.empty()) detector(image, boxes);
  std::printf("[");
  for (size_t i = 0; i < boxes.size(); ++i) {
    const auto& [score, box] = boxes[i];
    const dlib::full_object_detection shape = predictor(image, box);
    std::printf("%s{\"box\":[%ld,%ld,%lu,%lu],\"score\":%.9g,\"points\":[", i ? "," : "", box.left(), box.top(),
                box.width(), box.height(), score);
    for (unsigned long k = 0; k < shape.num_parts(); ++k) {
      std::printf("%s%ld,%ld", k ? "," : "", shape.part(k).x(), shape.part(k).y());
    }
    std::printf("]}");
  }
  std::printf("]\n");
}

void chip(const std::vector<float>& numbers) {
  std::vector<dlib::point> parts;
  for (size_t i = 2; i + 1 < numbers.size(); i += 2) {
    parts.emplace_back(std::lround(numbers[i]), std::lround(numbers[i + 1]));
  }
  const dlib::full_object_detection shape(dlib::rectangle(), parts);
  const dlib::chip_details details = dlib::get_face_chip_details(shape, numbers[0], numbers[1]);
  const dlib::point_transform_affine map = dlib::inv(dlib::get_mapping_to_chip(details));
  const auto m = map.get_m();
  const auto b = map.get_b();
  std::printf("{\"centre\":[%.15g,%.15g],\"side\":%.15g,\"angle\":%.15g,"
              "\"map\":[%.15g,%.15g,%.15g,%.15g,%.15g,%.15g]}\n",
              center(details.rect).x(), center(details.rect).y(), details.rect.width(), details.angle, m(0, 0), m(0, 1),
              b.x(), m(1, 0), m(1, 1), b.y());
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
  } else if (command == "detect" || command == "levels" || command == "chips" ||
             (command == "landmarks" && count == 3)) {
    dlib::shape_predictor predictor;
    if (command == "landmarks") dlib::deserialize(arguments[2]) >> predictor;
    const double threshold = command == "detect" && count > 2 ? std::stod(arguments[2]) : 0;
    const int upsamplings = command == "detect" && count > 3 ? std::stoi(arguments[3]) : 0;
    Picture picture;
    const auto answer = [&](const auto& image) {
      if (command == "levels") levels(image);
      else if (command == "landmarks") landmarks(detector, predictor, image, picture.numbers);
      else if (command == "chips") chip(picture.numbers);
      else detect(detector, image, threshold, upsamplings);
    };
    while (read_picture(std::cin, picture)) {
      picture.coloured ? answer(picture.colour) : answer(picture.grey);
      std::fflush(stdout);
    }
  } else {
    std::fprintf(stderr,
                 "usage: faces filters | detect [threshold [upsamplings]] | levels | landmarks FILE | chips\n");
    return 64;
  }
}
